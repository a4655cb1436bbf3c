import { emit, report, startTimer, stopTimer } from '../../../src/machine/index.ts'
import { receiver } from '../../../src/protocols/trust-ping/receiver.ts'
import { sender } from '../../../src/protocols/trust-ping/sender.ts'
import { bob, given, onCommand, onMessage, onTimer, rows, send } from './table.ts'

const listening = { at: 'listening' }
const pinged = emit('pinged', { by: bob })

rows('trust-ping/2.0 sender', sender, [
  [
    'PNG-01: asks for a response',
    given(),
    { at: 'ready' },
    onCommand('ping', { timeoutSeconds: 5 }),
    { at: 'waiting', since: 100 },
    send('ping', { response_requested: true }),
    startTimer('timeout', 5),
  ],
  [
    'RR-01: lets the answer come back over the connection, and the ping expire that nobody awaits any more',
    given(),
    { at: 'ready' },
    onCommand('ping', { timeoutSeconds: 5, returnRoute: 'all' }),
    { at: 'waiting', since: 100 },
    send('ping', { response_requested: true }, { returnRoute: 'all', expiresInSeconds: 305 }),
    startTimer('timeout', 5),
  ],
  [
    'is answered',
    given(),
    { at: 'waiting', since: 97 },
    onMessage('ping-response'),
    { at: 'answered', seconds: 3 },
    stopTimer('timeout'),
    emit('answered', { seconds: 3 }),
  ],
  ['gives up', given(), { at: 'waiting', since: 97 }, onTimer('timeout'), { at: 'silent' }, emit('silent')],
  [
    'refuses a late answer',
    given(),
    { at: 'silent' },
    onMessage('ping-response'),
    { at: 'silent' },
    report('e.m.req.out-of-order', 'ping-response', 'silent'),
  ],
])

rows('trust-ping/2.0 receiver', receiver, [
  ['PNG-01, PNG-02: answers by default', given(), listening, onMessage('ping'), listening, pinged, send('ping-response', {})],
  [
    'PNG-02: answers where asked to',
    given(),
    listening,
    onMessage('ping', { response_requested: true }),
    listening,
    pinged,
    send('ping-response', {}),
  ],
  [
    'PNG-01: answers where null stands for nothing',
    given(),
    listening,
    onMessage('ping', { response_requested: null }),
    listening,
    pinged,
    send('ping-response', {}),
  ],
  ['PNG-03: is silent where asked to be', given(), listening, onMessage('ping', { response_requested: false }), listening, pinged],
  ['PNG-05: answers nobody', given({ peer: undefined }), listening, onMessage('ping'), listening, emit('pinged', { by: null })],
  [
    'PNG-04: has no answer to a response',
    given(),
    listening,
    onMessage('ping-response'),
    listening,
    report('e.m.req.out-of-order', 'ping-response', 'listening'),
  ],
])
