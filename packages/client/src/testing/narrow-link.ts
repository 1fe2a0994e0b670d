import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

import { onTestFinished } from 'vitest'

/** The capacity of a narrow link. */
type Narrowness = {
  /** In each direction. */
  readonly bytesPerSecond: number
  /** A connection is cut after this many received bytes, as by an unstable network. */
  readonly bytesPerConnection: number
}

const TICK_MS = 5

/** A slow TCP port in front of another one, with connections that do not last; until the test ends. */
export async function narrowLink(target: string, { bytesPerSecond, bytesPerConnection }: Narrowness) {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const state = { cuts: 0 }
  const perTick = Math.max(1, Math.floor((bytesPerSecond * TICK_MS) / 1000))
  /** Forwards data slowly; the next piece is read when this one has been sent. */
  const pump = (from: Socket, to: Socket, atMost: number): void => {
    let passed = 0
    let rest = Buffer.alloc(0)
    const timer = setInterval(() => {
      if (rest.length === 0) return
      const piece = rest.subarray(0, perTick)
      rest = rest.subarray(piece.length)
      passed += piece.length
      to.write(piece)
      if (rest.length === 0) from.resume()
      if (passed < atMost) return
      state.cuts++
      from.destroy()
    }, TICK_MS)
    from.on('data', (data) => {
      rest = Buffer.concat([rest, data])
      from.pause()
    })
    from.on('error', () => to.destroy())
    from.on('close', () => {
      clearInterval(timer)
      sockets.delete(from)
      to.destroy()
    })
  }
  const server = createServer((near) => {
    const far = connect(Number(port), hostname)
    sockets.add(near).add(far)
    pump(near, far, Infinity)
    pump(far, near, bytesPerConnection)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  // A server that listens on TCP has an AddressInfo.
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, state }
}
