import { describe, expect, it } from 'vitest'

import type { CommandIo } from './io.ts'
import { runCli } from './run-cli.ts'

/** Runs a command line that must end before it needs a database. */
async function run(args: string[], input = '') {
  const printed = { out: '', err: '' }
  const io: CommandIo = {
    out: (text) => void (printed.out += text),
    err: (text) => void (printed.err += text),
    status: () => undefined,
    watched: false,
    readInput: () => Promise.resolve(input),
  }
  const exitCode = await runCli(args, { DATA_DIR: '/nonexistent/fieldsync' }, io)
  return { exitCode, ...printed }
}

describe('command line usage', () => {
  it.each([
    ['workspace', 'create'],
    ['workspace', 'list'],
    ['device', 'create'],
    ['device', 'list'],
    ['device', 'revoke'],
    ['audit', 'verify'],
  ])('[RUN-10] %s %s has help with an example on stdout', async (group, command) => {
    const { exitCode, out, err } = await run([group, command, '--help'])
    expect(exitCode).toBe(0)
    expect(out).toContain(`Usage: fieldsync ${group} ${command}`)
    expect(out).toContain(`npm run -s fieldsync -- ${group} ${command}`)
    expect(out).toContain('--json')
    expect(err).toBe('')
  })

  it.each([
    [[]],
    [['device']],
    [['bogus']],
    [['device', 'create', 'ws_a']],
    [['device', 'create', 'ws_a', 'scout']],
    [['device', 'create', 'ws_a', 'dev_a', '--role', 'boss']],
    [['device', 'create', 'ws a', 'dev_a']],
    [['workspace', 'list', '--colour']],
  ])('[RUN-10] %j is wrong usage: exit code 2, on stderr alone', async (args) => {
    const { exitCode, out, err } = await run(args)
    expect(exitCode).toBe(2)
    expect(out).toBe('')
    expect(err).not.toBe('')
  })

  it.each(['short', 'with space in the middle of it', 'with,comma,in,the,middle'])(
    'refuses the token %j without showing it',
    async (token) => {
      const { exitCode, err } = await run(['device', 'create', 'ws_a', 'dev_a', '--token-stdin'], token)
      expect(exitCode).toBe(2)
      expect(err).toContain('The token must')
      expect(err).not.toContain(token)
    },
  )

  it('[RUN-10] exit code 4 and a next step where there is no database; with --json as JSON', async () => {
    expect(await run(['workspace', 'list'])).toMatchObject({
      exitCode: 4,
      out: '',
      err: expect.stringContaining('start the server once'),
    })
    const { err } = await run(['workspace', 'list', '--json'])
    expect(JSON.parse(err)).toMatchObject({ error: { code: 'UNAVAILABLE' } })
  })
})
