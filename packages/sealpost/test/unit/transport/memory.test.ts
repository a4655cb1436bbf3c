import { describe, expect, it } from 'vitest'
import { transportConformance } from '../../../src/testing/index.ts'
import { memoryNetwork } from '../../../src/transport/memory.ts'
import { endpoint, options, parcel } from './parcels.ts'

describe('memoryNetwork', () => {
  for (const connection of ['once', 'lasting'] as const) {
    const open = async () => {
      const network = memoryNetwork()
      const [sender, receiver] = [network.transport('memory:a'), network.transport('memory:b', { connection })]
      return { sender, receiver, uri: () => 'memory:b', nowhere: 'memory:c' }
    }
    describe(connection, () => {
      it.each(transportConformance({ open, connection }))('%s', async (_, run) => run())
    })
  }

  it('an address has the right scheme, and one owner at a time', async () => {
    const network = memoryNetwork()
    expect(() => network.transport('http://alice')).toThrow(expect.objectContaining({ code: 'ERR_USAGE_ARGUMENT' }))
    const [first, second] = [network.transport('memory:a'), network.transport('memory:a')]
    const receive = async () => ({ taken: true }) as const
    await first.start?.(receive)
    await expect(second.start?.(receive)).rejects.toMatchObject({ code: 'ERR_USAGE_ARGUMENT' })
    await second.stop?.()
    expect(await second.send(parcel('{}'), endpoint('memory:a'), options)).toEqual({})
    await first.stop?.()
    await second.start?.(receive)
  })

  it('nobody on another network is reached', async () => {
    await memoryNetwork()
      .transport('memory:a')
      .start?.(async () => ({ taken: true }))
    const sending = memoryNetwork().transport('memory:b').send(parcel('{}'), endpoint('memory:a'), options)
    await expect(sending).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE', retryable: true })
  })

  it('what is not stored in time is given up by the sender', async () => {
    const network = memoryNetwork()
    await network.transport('memory:b').start?.(() => new Promise(() => undefined))
    const signal = AbortSignal.timeout(10)
    const sending = network.transport('memory:a').send(parcel('{}'), endpoint('memory:b'), { ...options, signal })
    await expect(sending).rejects.toMatchObject({ code: 'ERR_DELIVERY_UNREACHABLE' })
  })

  it('who connected and does not receive is told apart from who is gone', async () => {
    const network = memoryNetwork()
    const [guest, host] = [network.transport('memory:a'), network.transport('memory:b', { connection: 'lasting' })]
    let socket: { send(one: ReturnType<typeof parcel>): Promise<void> } | undefined
    await host.start?.(async (_, via) => {
      socket = via.socket
      return { taken: true }
    })
    await guest.send(parcel('{}'), endpoint('memory:b'), options)
    await expect(socket?.send(parcel('{}'))).rejects.toThrow(/does not receive/)
    await host.stop?.()
    await expect(socket?.send(parcel('{}'))).rejects.toThrow(/closed/)
  })
})
