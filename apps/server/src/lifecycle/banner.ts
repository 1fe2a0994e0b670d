import type { AddressInfo } from 'node:net'

import { COMMAND } from '../command.ts'
import { DEMO_WORKSPACE, FIRST_LINK_SECONDS } from '../demo/demo-workspace.ts'
import { curlLine } from '../demo/first-batch.ts'
import type { FilledDemo } from '../demo/season/fill-demo.ts'

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
  /** By which the first person comes in, for a terminal alone, while there is nobody (RUN-25). */
  link: string | undefined
}

/** The banner shown when the server is ready; a token or a link in it is shown only once. */
export function banner(address: string, { demo, filled, link }: Made, now: Date): string {
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
      `  Console:       ${userCommand(filled !== undefined)}   (prints a link that lets an administrator in)`,
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
      `  Console:         ${userCommand(true)}   (prints a link that lets an administrator in)`,
      `  All commands:    ${COMMAND} --help`,
    )
  }
  return [...lines, '', ''].join('\n')
}

const userCommand = (isDemo: boolean): string =>
  `${COMMAND} user create-admin ${isDemo ? DEMO_WORKSPACE : '<workspace>'}`

const linkLines = (link: string): string[] => [
  `  Open this link in a browser: it lets you in as the administrator of ${DEMO_WORKSPACE}, with a password of your own.`,
  `  It works once, and within ${FIRST_LINK_SECONDS / 60} minutes.`,
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
