import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP port in front of a database whose connections can fall silent: what is sent is swallowed, nothing is reset. */
export type SilentLink = AsyncDisposable & {
  readonly port: number
  /** Where new connections lead. */
  target: number
  /** Whether new connections are silent from the start. */
  silent: boolean
  /** The connections that are open fall silent; new ones work. @returns how many */
  silence(): number
  /** Connections that this side opened and the other has not closed. */
  readonly open: number
  /** Called when a connection was closed by the side that opened it. */
  onClosed: () => void
}

export async function silentLink(targetPort: number): Promise<SilentLink> {
  const links = new Set<{ near: Socket; far: Socket; silent: boolean }>()
  const server = createServer((near) => {
    const link = { near, far: connect(self.target, '127.0.0.1'), silent: self.silent }
    links.add(link)
    const { far } = link
    near.on('data', (bytes) => link.silent || far.write(bytes))
    far.on('data', (bytes) => link.silent || near.write(bytes))
    far.on('end', () => link.silent || near.end())
    far.on('error', () => link.silent || near.destroy())
    near.on('error', () => undefined)
    near.on('close', () => {
      links.delete(link)
      // The network that swallows swallows the end as well.
      if (!link.silent) far.destroy()
      else swallowed.add(far)
      self.onClosed()
    })
  })
  const swallowed = new Set<Socket>()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const self: SilentLink = {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    target: targetPort,
    silent: false,
    silence: () => {
      for (const link of links) link.silent = true
      return links.size
    },
    get open() {
      return links.size
    },
    onClosed: () => undefined,
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const { near, far } of links) for (const socket of [near, far]) socket.destroy()
      for (const far of swallowed) far.destroy()
      await closed
    },
  }
  return self
}
