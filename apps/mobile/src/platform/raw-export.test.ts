import { describe, expect, it } from 'vitest'

import { rawExport } from './raw-export.ts'

const contents: Readonly<Record<string, unknown>> = { a: { outbox: [['1', 'a note']] }, gone: undefined }
const read = (name: string): Promise<unknown> =>
  name.startsWith('damaged')
    ? Promise.reject(new Error(`${name} cannot be read`))
    : Promise.resolve(contents[name])

describe('an export of stores that do not open', () => {
  it('[APP-8] has every store that can be read, and names those that cannot', async () => {
    const { text, unread } = await rawExport(['damaged 1', 'a', 'gone', 'a', 'damaged 2'], read)
    expect(unread).toEqual(['damaged 1', 'damaged 2'])
    expect(JSON.parse(text)).toEqual({
      stores: { a: contents['a'] },
      unread: { 'damaged 1': 'damaged 1 cannot be read', 'damaged 2': 'damaged 2 cannot be read' },
    })
  })

  it('[APP-8] fails where none can be read, and not where there is none', async () => {
    await expect(rawExport(['damaged 1', 'gone'], read)).rejects.toThrow('damaged 1 cannot be read')
    expect(await rawExport(['gone'], read)).toMatchObject({ unread: [] })
  })
})
