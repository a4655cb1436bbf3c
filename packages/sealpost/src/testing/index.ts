/**
 * Conformance suites for what is plugged into the ports. Each gives pairs of a name and a function that rejects where the rule does not
 * hold, for any test runner.
 *
 * @module
 */
export type { Rule } from './expect.ts'
export { faultyStore, type StoreCall, type StoreFault } from './faulty-store.ts'
export type { Habits } from './habits.ts'
export { type KeyStoreConformance, keyStoreConformance } from './keys.ts'
export { type Mailbox, memoryMailbox, type Waiting } from './mailbox.ts'
export { type TestMediator, type TestMediatorOptions, testMediator } from './mediator.ts'
export { storeConformance } from './store.ts'
export { type TransportConformance, type TransportEnds, transportConformance } from './transport.ts'
export { type SimulatedClock, type SimulatedClockOptions, simulatedClock } from './world/clock.ts'
export { calmDisk, type DiskMood, type SimulatedDisk, simulatedDisk } from './world/disk.ts'
export { calmWeather, type SimulatedNetwork, simulatedNetwork, type Weather } from './world/network.ts'
export { type SimulatedProcess, simulatedProcess } from './world/process.ts'
export { type SeededRandom, seededRandom } from './world/random.ts'
