/**
 * Asks whoever is at the other end of a WebSocket whether it is there: a machine that lost its power or its network says nothing, and
 * its connection would stay open for hours (T07).
 *
 * @module
 */
import { WebSocket } from 'ws'

/** How often is asked, where nothing is said: less than the time after which routers forget a connection. */
export const defaultHeartbeatSeconds = 25

/** Sends a ping each time nothing came for so long, and ends the connection where nothing came after it either. */
export function keepAlive(webSocket: WebSocket, heartbeatSeconds: number): void {
  let heard = true
  const listen = (): void => {
    heard = true
  }
  for (const event of ['message', 'ping', 'pong'] as const) webSocket.on(event, listen)
  const timer = setInterval(() => {
    // While nothing is read, nothing is heard.
    if (webSocket.isPaused || webSocket.readyState !== WebSocket.OPEN) return
    if (!heard) return webSocket.terminate()
    heard = false
    webSocket.ping()
  }, heartbeatSeconds * 1000)
  webSocket.once('close', () => clearInterval(timer))
}
