-- AlterTable
ALTER TABLE "device_keys" ADD COLUMN     "replaces_others" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "devices" ADD COLUMN     "service_scope" TEXT;

-- CreateTable
CREATE TABLE "service_grants" (
    "workspace_id" TEXT NOT NULL,
    "service_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,

    CONSTRAINT "service_grants_pkey" PRIMARY KEY ("workspace_id","service_id","device_id")
);

-- CreateIndex
CREATE INDEX "service_grants_workspace_id_device_id_idx" ON "service_grants"("workspace_id", "device_id");

-- AddForeignKey
ALTER TABLE "service_grants" ADD CONSTRAINT "service_grants_workspace_id_service_id_fkey" FOREIGN KEY ("workspace_id", "service_id") REFERENCES "devices"("workspace_id", "device_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "service_grants" ADD CONSTRAINT "service_grants_workspace_id_device_id_fkey" FOREIGN KEY ("workspace_id", "device_id") REFERENCES "devices"("workspace_id", "device_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Of two changes at once the second waits for the first. Beside the key that is in use one may wait for an admin, and keys of a
-- service for their first use.
DROP INDEX "device_keys_current";
CREATE UNIQUE INDEX "device_keys_current" ON "device_keys"("workspace_id", "device_id", ("confirmed_at" IS NULL))
  WHERE "ended_at" IS NULL AND NOT "replaces_others";
