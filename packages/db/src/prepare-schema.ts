import { grantQueue, installQueue } from './jobs/install-queue.ts'
import { migrate, type MigrateOptions } from './migrate/migrate.ts'
import { grantApplication } from './roles.ts'

/**
 * Brings a database to all that this build needs: tables, functions, the job queue, and the grants of the application's
 * role, if it has one of its own (RUN-3). Any number of servers may call it at once.
 * @returns what was applied, as {@link migrate} names it
 * @throws MigrationError
 */
export const prepareSchema = ({
  ownerUrl,
  appRole,
  onApplied,
}: Pick<MigrateOptions, 'ownerUrl' | 'onApplied'> & { appRole: string | undefined }): Promise<string[]> =>
  migrate({
    ownerUrl,
    ...(onApplied && { onApplied }),
    install: () => installQueue(ownerUrl),
    ...(appRole !== undefined && {
      afterMigrate: async (owner) => {
        await grantApplication(owner, appRole)
        await grantQueue(owner, appRole)
      },
    }),
  })
