import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { startServer, testDatabase } from '@fieldsync/testkit'
import { describe, expect, it } from 'vitest'

// A block of commands that is run here has the line `<!-- run -->` above it. The blocks of a page are one shell, from top
// to bottom, in a folder of their own, beside a server with a workspace ws_ridge and the devices below.
const MARKED = /^ *<!-- run -->\n *```sh\n([\s\S]*?)^ *```$/gm
const ROOT = path.resolve(import.meta.dirname, '../../../..')
/** A page starts a server, and a process for each command. */
const PAGE_LIMIT_MS = 600_000
const DEVICES = [
  'ws_ridge/dev_scout_1#scout=choose-a-long-random-token',
  'ws_ridge/dev_scout_2#scout=another-long-random-token',
  'ws_ridge/dev_agro_1#agronomist=the-token-of-an-agronomist',
  'ws_ridge/dev_office#admin=the-token-of-the-office',
]

// The command line as npm would start it, without the set-up, and with files where the page's shell is.
const PRELUDE = `
set -eu
npm() {
  case $* in
    'run -s fieldsync -- '*) ;;
    *) echo "not run here: npm $*" >&2; return 1 ;;
  esac
  shift 4
  "$NODE" "$COMMAND_LINE" "$@"
}
set -x
`

type Page = { readonly name: string; readonly script: string }

async function runnablePages(): Promise<Page[]> {
  const guides = (await readdir(path.join(ROOT, 'docs/operations'))).map((name) => `docs/operations/${name}`)
  const pages = await Promise.all(
    ['README.md', ...guides.sort()].map(async (name) => {
      const text = await readFile(path.join(ROOT, name), 'utf8')
      return { name, script: [...text.matchAll(MARKED)].map(([, block]) => block).join('\n') }
    }),
  )
  return pages.filter(({ script }) => script !== '')
}

/** Runs a script to its end. @returns its exit code, with everything it printed */
async function runShell(script: string, cwd: string, env: Record<string, string>) {
  const inherited = {
    PATH: `${path.dirname(process.execPath)}:${process.env['PATH'] ?? ''}`,
    HOME: cwd,
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
  }
  return new Promise<{ code: unknown; output: string }>((resolve) => {
    const child = execFile(
      'sh',
      ['-c', script],
      { cwd, env: { ...inherited, ...env } },
      (error, stdout, stderr) => resolve({ code: error?.code ?? 0, output: `${stdout}\n${stderr}` }),
    )
    child.stdin?.end()
  })
}

describe('documented commands', async () => {
  it.each(await runnablePages())(
    '[RUN-53] the commands of $name succeed in their order',
    async ({ script }) => {
      const { appUrl, ownerUrl } = await testDatabase()
      const folder = await mkdtemp(path.join(tmpdir(), 'fieldsync-docs-'))
      const environment = {
        DATABASE_URL: appUrl,
        MIGRATION_DATABASE_URL: ownerUrl,
        PEPPER: 'a pepper of at least 32 characters.',
        DATA_DIR: path.join(folder, 'data'),
      }
      try {
        await using server = await startServer({
          env: { ...environment, DEVICE_TOKENS: DEVICES.join(','), METRICS_TOKEN: 'a-token-for-scrapes' },
        })
        const { code, output } = await runShell(
          PRELUDE + script.replaceAll('http://127.0.0.1:8787', server.url),
          folder,
          {
            ...environment,
            NODE: process.execPath,
            COMMAND_LINE: path.join(ROOT, 'apps/server/src/cli/main.ts'),
          },
        )
        expect(code, output).toBe(0)
      } finally {
        await rm(folder, { recursive: true, force: true })
      }
    },
    PAGE_LIMIT_MS,
  )
})

it('[RUN-53] a command that fails fails the page', async () => {
  const { code, output } = await runShell(`${PRELUDE}\nfalse\necho unreached`, ROOT, {})
  expect(code).toBe(1)
  expect(output).not.toContain('\nunreached')
  expect((await runShell(`${PRELUDE}\nnpm test`, ROOT, {})).output).toContain('not run here: npm test')
})
