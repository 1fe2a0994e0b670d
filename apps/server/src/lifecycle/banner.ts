import type { AddressInfo } from 'node:net'

import { curlLine } from '../demo/curl-line.ts'
import { DEMO_WORKSPACE } from '../demo/demo-workspace.ts'

const COMMAND = 'npm run -s fieldsync --'

/** Where a person on this machine reaches the server. */
export function localAddress({ address, family, port }: AddressInfo): string {
  const everywhere = address === '0.0.0.0' || address === '::'
  const host = everywhere ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address
  return `http://${host}:${port}`
}

/** What a person sees when the server is ready; with `demo`, the only time its token is shown. */
export function banner(
  address: string,
  demo: { deviceId: string; token: string } | undefined,
  now: Date,
): string {
  const lines = ['', `  Fieldsync is ready at ${address}`, `  API reference          ${address}/docs`, '']
  if (demo === undefined) {
    lines.push(
      `  More devices:  ${COMMAND} device create <workspace> <device>   (prints its token once)`,
      `  All commands:  ${COMMAND} --help`,
    )
  } else {
    lines.push(
      `  This first start made a workspace to try things with: ${DEMO_WORKSPACE}, with the device ${demo.deviceId}.`,
      '  Its token is in the command below and is not shown again. Paste this to sync a first observation:',
      '',
      curlLine(address, demo, now),
      '',
      `  Another device:  ${COMMAND} device create ${DEMO_WORKSPACE} dev_scout_2`,
      `  All commands:    ${COMMAND} --help`,
    )
  }
  return [...lines, '', ''].join('\n')
}
