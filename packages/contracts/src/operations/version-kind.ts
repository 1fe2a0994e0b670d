import { z } from 'zod'

/** How a version of a playbook came about (PUB-7). */
export const VersionKind = z.enum(['patch', 'publication', 'rollback', 'creation', 'retirement'])
export type VersionKind = z.infer<typeof VersionKind>
