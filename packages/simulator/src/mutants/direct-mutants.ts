import { miswriting } from './broken-store.ts'
import { misreading } from './broken-transport.ts'
import type { Mutant } from './mutant.ts'
import { inValue, withRecords } from './storing-mutants.ts'

/** Mistakes that show only where records are deleted, or in what a store keeps beside what a person sees. */
export const DIRECT_BUGS: readonly Mutant[] = [
  misreading('what was deleted is kept', (response) => {
    const { deleted: _, ...downstream } = response.downstream
    return { ...response, downstream }
  }),
  miswriting('the number of writes that wait is not kept', () =>
    inValue('queue', (queue) => ({ ...queue, pending: 0 })),
  ),
  miswriting('a record is kept as synced while a write of it waits', () =>
    withRecords((record) => (record.status === 'pending' ? { ...record, status: 'synced' } : record)),
  ),
]
