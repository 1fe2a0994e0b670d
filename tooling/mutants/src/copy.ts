import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

export const ROOT = path.resolve(import.meta.dirname, '../../..')

/**
 * A checkout of its own, with all that is not committed, for code that is broken on purpose: the one that a person works
 * in stays as it is, even when the run is killed. Its packages are installed from pnpm's store.
 */
export class Copy implements AsyncDisposable {
  readonly folder: string
  readonly #stop = new AbortController()

  private constructor(folder: string) {
    this.folder = folder
    process.once('SIGINT', () => this.#stop.abort()).once('SIGTERM', () => this.#stop.abort())
  }

  static async create(): Promise<Copy> {
    const copy = new Copy(path.join(mkdtempSync(path.join(tmpdir(), 'fieldsync-mutants-')), 'copy'))
    git('worktree', 'add', '--quiet', '--detach', copy.folder, commitOfAll(path.dirname(copy.folder)))
    symlinkSync(path.join(ROOT, '.tools'), path.join(copy.folder, '.tools'))
    const code = await copy.run(['scripts/run.mjs', 'fieldsync', '--version'], 'ignore')
    if (code !== 0) throw new Error('The copy of the checkout could not be set up.')
    return copy
  }

  /**
   * Runs Node in the copy.
   * @returns its exit code
   * @throws when this process is signaled to stop, after the other one has ended
   */
  async run(args: readonly string[], output: 'inherit' | 'ignore'): Promise<number | null> {
    this.#stop.signal.throwIfAborted()
    const child = spawn(process.execPath, args, {
      cwd: this.folder,
      stdio: ['ignore', output, output],
      signal: this.#stop.signal,
      killSignal: 'SIGTERM',
    })
    child.on('error', () => undefined)
    const [code] = (await once(child, 'exit')) as [number | null]
    this.#stop.signal.throwIfAborted()
    return code
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (existsSync(this.folder)) git('worktree', 'remove', '--force', this.folder)
    rmSync(path.dirname(this.folder), { recursive: true, force: true })
    return Promise.resolve()
  }
}

/** Files that differ from a commit, those not yet committed included. */
export const changedSince = (reference: string): string[] =>
  git('diff', '--name-only', '--diff-filter=d', reference).split('\n')

/** A commit, on no branch, of every file as it is, new ones included; the index of the checkout stays as it is. */
function commitOfAll(folder: string): string {
  const index = { GIT_INDEX_FILE: path.join(folder, 'index') }
  gitWith(index, 'add', '--all')
  return gitWith(index, 'commit-tree', gitWith(index, 'write-tree'), '-p', 'HEAD', '-m', 'Copy for mutants')
}

const git = (...args: string[]): string => gitWith({}, ...args)

function gitWith(environment: Readonly<Record<string, string>>, ...args: string[]): string {
  const env = { ...process.env, ...environment }
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', env }).trim()
}
