import { describe, expect, it } from 'vitest'
import { advance, emit, report, startTimer, stopTimer } from '../../../src/machine/index.ts'
import { maxPictureBytes } from '../../../src/protocols/user-profile/known-profile.ts'
import { receiver } from '../../../src/protocols/user-profile/receiver.ts'
import { sender } from '../../../src/protocols/user-profile/sender.ts'
import { bob, given, message, onCommand, onMessage, onTimer, rows, send } from './table.ts'

const listening = { at: 'listening' }
const stranger = { at: 'listening', profile: {} }
const known = { at: 'listening', profile: { displayName: 'Bob', description: 'A builder' } }
const picture = { id: 'face', media_type: 'image/png', data: { base64: 'AQID' } }
const own = { profile: { displayName: 'Alice', displayPicture: picture } }
const told = { displayName: 'Alice', displayPicture: '#displayPicture' }
const attachments = [{ ...picture, id: 'displayPicture' }]

rows('user-profile/1.0 sender', sender, [
  [
    'tells, and asks for the same',
    given(),
    listening,
    onCommand('send', { profile: own.profile, sendBackYours: true }),
    listening,
    send('profile', { profile: told, send_back_yours: true }, { attachments }),
  ],
  [
    'takes back what it told',
    given(),
    listening,
    onCommand('send', { profile: { displayPicture: null, description: null } }),
    listening,
    send('profile', { profile: { description: null, displayPicture: null } }, {}),
  ],
  [
    'answers whoever asks, in a thread that grows out of the request',
    given({ context: own }),
    listening,
    onMessage('request-profile'),
    listening,
    send('profile', { profile: told }, { attachments, thread: 'child' }),
  ],
  [
    'tells no more than it was asked for',
    given({ context: own }),
    listening,
    onMessage('request-profile', { query: ['displayName', 'shoeSize'] }),
    listening,
    send('profile', { profile: { displayName: 'Alice' } }, { thread: 'child' }),
  ],
  ['tells nothing where the host has nothing for this peer', given(), listening, onMessage('request-profile'), listening],
  ['tells nobody who is not proved', given({ peer: undefined, context: own }), listening, onMessage('request-profile'), listening],
])

rows('user-profile/1.0 receiver', receiver, [
  [
    'learns',
    given({ message: message({ attachments: [picture] }) }),
    stranger,
    onMessage('profile', { profile: { displayName: 'Bob', displayPicture: '#face' } }),
    { at: 'listening', profile: { displayName: 'Bob', displayPicture: picture } },
    emit('profile', { by: bob, profile: { displayName: 'Bob', displayPicture: picture } }),
  ],
  [
    'keeps what is absent, and deletes by null and by the empty text',
    given(),
    known,
    onMessage('profile', { profile: { displayName: '' } }),
    { at: 'listening', profile: { description: 'A builder' } },
    emit('profile', { by: bob, profile: { description: 'A builder' } }),
  ],
  [
    'a picture that is not attached changes nothing',
    given(),
    known,
    onMessage('profile', { profile: { description: null, displayPicture: '#nowhere' } }),
    { at: 'listening', profile: { displayName: 'Bob' } },
    emit('profile', { by: bob, profile: { displayName: 'Bob' } }),
  ],
  [
    'keeps links as links: nothing is fetched',
    given({ message: message({ attachments: [{ id: 'face', data: { links: ['https://example.com/face'], hash: 'zQm' } }] }) }),
    stranger,
    onMessage('profile', { profile: { displayIcon: 'face' } }),
    { at: 'listening', profile: { displayIcon: { id: 'face', data: { links: ['https://example.com/face'], hash: 'zQm' } } } },
    emit('profile', { by: bob, profile: { displayIcon: { id: 'face', data: { links: ['https://example.com/face'], hash: 'zQm' } } } }),
  ],
  [
    'answers with its own, and does not ask again',
    given({ context: own }),
    stranger,
    onMessage('profile', { profile: {}, send_back_yours: true }),
    stranger,
    emit('profile', { by: bob, profile: {} }),
    send('profile', { profile: told }, { attachments, thread: 'child' }),
  ],
  [
    'answers nothing where the host has nothing for this peer',
    given(),
    stranger,
    onMessage('profile', { profile: {}, send_back_yours: true }),
    stranger,
    emit('profile', { by: bob, profile: {} }),
  ],
  [
    'answers nobody who is not proved',
    given({ peer: undefined, context: own }),
    stranger,
    onMessage('profile', { profile: {}, send_back_yours: true }),
    stranger,
    emit('profile', { by: null, profile: {} }),
  ],
  [
    'asks',
    given(),
    known,
    onCommand('request', { query: ['displayName'], timeoutSeconds: 60 }),
    { ...known, at: 'requesting' },
    send('request-profile', { query: ['displayName'] }, { thread: 'new' }),
    startTimer('timeout', 60),
  ],
  [
    'is answered',
    given(),
    { ...known, at: 'requesting' },
    onMessage('profile', { profile: { displayName: 'Robert' } }),
    { at: 'listening', profile: { displayName: 'Robert', description: 'A builder' } },
    stopTimer('timeout'),
    emit('profile', { by: bob, profile: { displayName: 'Robert', description: 'A builder' } }),
  ],
  ['gives up, and knows what it knew', given(), { ...known, at: 'requesting' }, onTimer('timeout'), known],
])

describe('user-profile/1.0 pictures', () => {
  const came = (base64: string) =>
    advance(
      receiver,
      { at: 'listening', profile: {} },
      onMessage('profile', { profile: { displayPicture: '#face' } }),
      given({ message: message({ attachments: [{ id: 'face', data: { base64 } }] }) }),
    )
  const octets = (count: number): string => 'A'.repeat(Math.ceil((count * 4) / 3))

  it('are kept up to a size, and refused beyond it by a warning', () => {
    expect(came(octets(maxPictureBytes))[0]).toMatchObject({ profile: { displayPicture: { id: 'face' } } })
    for (const size of [maxPictureBytes + 1, maxPictureBytes * 2]) {
      const [next, , problem] = came(octets(size))
      expect(next).toEqual({ at: 'listening', profile: {} })
      expect(problem).toEqual(report('w.m.msg.picture-not-kept', 'displayPicture', String(maxPictureBytes)))
    }
  })

  it('are not kept where they are not base64', () => expect(came('not a picture!')[0]).toEqual({ at: 'listening', profile: {} }))
})
