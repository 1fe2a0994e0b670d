import { parseArgs } from 'node:util'

import { ArgumentError } from './env-error.ts'

/** The arguments after `npm start --`. */
export type StartArguments = { demo: boolean; help: boolean }

export const START_USAGE = `Usage: npm start -- [--demo]

  --demo   fill the workspace ws_demo with a season of twelve devices, once
  --help   show this

Everything else is set by environment variables: docs/operations.md.`

/** @throws ArgumentError for an unknown argument */
export function readStartArguments(args: readonly string[]): StartArguments {
  const options = { demo: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const
  try {
    const { demo = false, help = false } = parseArgs({ args: [...args], options }).values
    return { demo, help }
  } catch (error) {
    throw new ArgumentError(`${error instanceof Error ? error.message : String(error)}\n\n${START_USAGE}`)
  }
}
