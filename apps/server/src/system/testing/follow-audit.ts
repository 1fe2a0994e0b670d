import { AuditEntry } from '@fieldsync/contracts'
import type { Caller } from '@fieldsync/testkit'
import { z } from 'zod'

/** Every entry of the caller's workspace, oldest first, followed by `GET /v1/audit?after=`. */
export async function followAudit({ url, token }: Caller): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = []
  for (let after = '0'; ;) {
    const response = await fetch(`${url}/v1/audit?limit=500&after=${after}`, {
      headers: { 'x-device-token': token },
    })
    if (response.status !== 200)
      throw new Error(`the audit answers ${response.status}: ${await response.text()}`)
    const page = z.array(AuditEntry).parse(await response.json())
    const last = page.at(-1)
    if (last === undefined) return entries
    entries.push(...page)
    after = last.entryId
  }
}
