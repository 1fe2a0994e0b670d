import { expect, it } from 'vitest'

import { prettyLine } from './pretty-lines.ts'

it('shows a log line to people: time, level, message, fields, and the stack of an error', () => {
  const fields = {
    level: 'warn',
    time: '2026-02-11T18:00:00.000Z',
    port: 1,
    list: [1],
    err: { stack: 'Error: no\n    at x' },
    msg: 'hello',
  }
  const text = prettyLine(JSON.stringify(fields), false)
  expect(text).toMatch(/^\d\d:\d\d:\d\d warn {2}hello port=1 list=\[1\]\nError: no\n {4}at x\n$/)
})
