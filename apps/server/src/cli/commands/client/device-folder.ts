import path from 'node:path'

import { Option } from 'commander'
import { z } from 'zod'

import { type Environment, readVariables } from '../../../env/read-variables.ts'
import { folder } from '../../../env/variables.ts'
import { COMMAND } from '../../cli.ts'

/** The default device. */
export const DEFAULT_DEVICE = 'scout'

export const asOption = () =>
  new Option('--as <device>', 'which device this is: a name, or the path of its folder').default(
    DEFAULT_DEVICE,
  )

const Variables = z.object({ DATA_DIR: folder.default('.data') })

/** The folder of a device: a name is a folder in DATA_DIR/field, anything with a slash is a path. */
export function deviceFolder(as: string, environment: Environment): string {
  if (/[/\\]/.test(as)) return path.resolve(as)
  const { DATA_DIR } = readVariables(Variables, environment, { secret: new Set() })
  return path.resolve(DATA_DIR, 'field', as)
}

/** A command of this device, ready to be typed. */
export const typed = (as: string, words: string): string =>
  `${COMMAND} client ${words}${as === DEFAULT_DEVICE ? '' : ` --as ${as}`}`
