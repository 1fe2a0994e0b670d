import { readDriver } from '@fieldsync/agronomy'
import { driverText, rationaleText } from '@fieldsync/messages'

import type { Texts } from '../messages/messages.ts'

/** Names how the recommendation before was decided, where a device did so without knowing of this one (REC-21). */
const SUPERSEDED_STATUS = 'supersededStatus'
/** Why there is nothing to do but to monitor. */
const MONITOR_ONLY = 'monitorOnly'

/** Why a recommendation says what it says: what withholds its action first, then the reasons for its time. */
export function reasonTexts(
  { t, formats }: Texts,
  { drivers, rationale }: { readonly drivers: readonly string[]; readonly rationale: readonly string[] },
): string[] {
  const withheld = drivers.filter((each) => readDriver(each).name === MONITOR_ONLY)
  return [
    ...withheld.map((each) => driverText(t, formats, each)),
    ...rationale.map((tag) => capitalized(rationaleText(t, tag))),
  ]
}

/** The facts that a recommendation was computed with, by what each is about, in sentences. */
export function factTexts({ t, formats }: Texts, drivers: readonly string[]): ReadonlyMap<string, string> {
  const facts = drivers.map((each) => [readDriver(each).name, driverText(t, formats, each)] as const)
  return new Map(facts.filter(([name]) => name !== MONITOR_ONLY && name !== SUPERSEDED_STATUS))
}

/** How the recommendation before was decided, as this one says. */
export function supersededStatus(drivers: readonly string[]): 'confirmed' | 'rejected' | undefined {
  const found = drivers.map(readDriver).find(({ name }) => name === SUPERSEDED_STATUS)
  return found?.value === 'confirmed' || found?.value === 'rejected' ? found.value : undefined
}

const capitalized = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1)
