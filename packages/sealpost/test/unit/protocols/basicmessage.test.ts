import { emit } from '../../../src/machine/index.ts'
import { receiver } from '../../../src/protocols/basicmessage/receiver.ts'
import { sender } from '../../../src/protocols/basicmessage/sender.ts'
import { bob, given, message, onCommand, onMessage, rows, send } from './table.ts'

const ready = { at: 'ready' }
const listening = { at: 'listening' }
const attachments = [{ id: 'photo', media_type: 'image/png', data: { base64: 'AQID' } }]

rows('basicmessage/2.0 sender', sender, [
  ['writes', given(), ready, onCommand('send', { content: 'Hello' }), ready, send('message', { content: 'Hello' }, {})],
  [
    'I18-05: says the language',
    given(),
    ready,
    onCommand('send', { content: 'Bonjour', lang: 'fr' }),
    ready,
    send('message', { content: 'Bonjour' }, { headers: { lang: 'fr' } }),
  ],
  [
    'sends attachments along',
    given(),
    ready,
    onCommand('send', { content: 'Look', attachments }),
    ready,
    send('message', { content: 'Look' }, { attachments }),
  ],
])

rows('basicmessage/2.0 receiver', receiver, [
  [
    'hands on what was written',
    given({ message: message({ created_time: 90, lang: 'fr', attachments }) }),
    listening,
    onMessage('message', { content: 'Bonjour' }),
    listening,
    emit('message', { by: bob, content: 'Bonjour', lang: 'fr', sentTime: 90, attachments }),
  ],
  [
    'says nothing of what is not there',
    given({ message: message({ attachments: [] }) }),
    listening,
    onMessage('message', { content: '' }),
    listening,
    emit('message', { by: bob, content: '' }),
  ],
])
