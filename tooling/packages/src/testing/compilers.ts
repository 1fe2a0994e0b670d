import { readFile } from 'node:fs/promises'
import path from 'node:path'

import { REPOSITORY } from '../published-packages.ts'
import type { OutsideProject } from './outside-project.ts'

const installed = path.join(REPOSITORY, 'node_modules/typescript/package.json')
const { version } = JSON.parse(await readFile(installed, 'utf8')) as { version: string }

/** The compilers of a project, as dependencies: the last one written in JavaScript, and that of this workspace. */
export const COMPILERS = { 'typescript-5': 'npm:typescript@5.9.3', typescript: version } as const
export type Compiler = keyof typeof COMPILERS

/** A strict tsconfig.json that also checks the declarations of every library. */
export function tsconfig(options: Readonly<Record<string, unknown>>, include = ['*.ts']): string {
  const compilerOptions = { target: 'es2022', strict: true, skipLibCheck: false, noEmit: true, ...options }
  return JSON.stringify({ compilerOptions, include })
}

/** Compiles a project. @throws Error with what the compiler found */
export async function compile(project: OutsideProject, compiler: Compiler, config: string): Promise<void> {
  await project.node([`node_modules/${compiler}/bin/tsc`, '-p', config])
}
