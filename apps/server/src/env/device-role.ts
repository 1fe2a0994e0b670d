import { Role } from '@fieldsync/domain'
import type { z } from 'zod'

/** The roles a device can have (section "Rights"): every role but the one for external services. */
export const DeviceRole = Role.exclude(['service'])
export type DeviceRole = z.infer<typeof DeviceRole>
