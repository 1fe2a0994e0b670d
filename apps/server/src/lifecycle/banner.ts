import type { AddressInfo } from 'node:net'

import { ENROLLMENT_SECONDS } from '@fieldsync/contracts'

import { DEMO_WORKSPACE } from '../demo/demo-workspace.ts'
import { curlLine } from '../demo/first-batch.ts'
import type { FilledDemo } from '../demo/season/fill-demo.ts'

const COMMAND = 'npm run -s fieldsync --'

/** The server's address for a person on this machine. */
export function localAddress({ address, family, port }: AddressInfo): string {
  const everywhere = address === '0.0.0.0' || address === '::'
  const host = everywhere ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address
  return `http://${host}:${port}`
}

/** What a start created to try things with. */
export type Made = {
  demo: { deviceId: string; token: string } | undefined
  filled: FilledDemo | undefined
  /** The device of the first administrator's browser, while there is none. */
  admin: string | undefined
  /** By which a browser becomes that device, for a terminal alone (RUN-25). */
  link: string | undefined
}

/** The banner shown when the server is ready; a token or a link in it is shown only once. */
export function banner(address: string, { demo, filled, admin, link }: Made, now: Date): string {
  const lines = [
    '',
    `  Fieldsync is ready at ${address}`,
    `  Console                ${address}/`,
    `  Field app              ${address}/app/`,
    `  API reference          ${address}/docs`,
    '',
  ]
  if (link !== undefined) lines.push(...linkLines(link), '')
  if (filled) lines.push(...seasonLines(filled), '')
  if (demo === undefined) {
    lines.push(
      `  More devices:  ${COMMAND} device create ${filled ? DEMO_WORKSPACE : '<workspace>'} <device>   (prints its token once)`,
      `  Console:       ${enrollCommand(admin)}   (prints a link that signs a browser in)`,
      `  All commands:  ${COMMAND} --help`,
    )
  } else {
    lines.push(
      `  This first start created a workspace to try things with: ${DEMO_WORKSPACE}, with the device ${demo.deviceId}.`,
      '  Its token is in the command below and is not shown again. Paste this to sync a first observation:',
      '',
      curlLine(address, demo, now),
      '',
      `  Another device:  ${COMMAND} device create ${DEMO_WORKSPACE} dev_scout_2`,
      `  Console:         ${enrollCommand(admin)}   (prints a link that signs a browser in)`,
      `  All commands:    ${COMMAND} --help`,
    )
  }
  return [...lines, '', ''].join('\n')
}

const enrollCommand = (admin: string | undefined): string =>
  admin === undefined
    ? `${COMMAND} device enroll <workspace> <device> --role admin`
    : `${COMMAND} device enroll ${DEMO_WORKSPACE} ${admin} --role admin`

const linkLines = (link: string): string[] => [
  `  Open this link in a browser: it opens the console, signed in as an administrator of ${DEMO_WORKSPACE}.`,
  `  It works once, and within ${ENROLLMENT_SECONDS.default / 60} minutes.`,
  '',
  `  ${link}`,
]

function seasonLines(filled: FilledDemo): string[] {
  switch (filled.outcome) {
    case 'filled':
      return [
        `  The workspace ${DEMO_WORKSPACE} has a season now: ${filled.observations} observations, ${filled.conflicts} conflicts.`,
        '  Open the console with the token of its admin, which is not shown again:',
        '',
        `  ${filled.token}`,
      ]
    case 'already_filled':
      return [`  The workspace ${DEMO_WORKSPACE} already has its season.`]
    case 'in_use':
      return [
        `  The workspace ${DEMO_WORKSPACE} was left unchanged: it has devices that are not part of the demo.`,
        '  For a season, start with another DATA_DIR:  DATA_DIR=.demo npm start -- --demo',
      ]
  }
}
