-- CreateTable
CREATE TABLE "workspace_settings" (
    "workspace_id" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "confirm_keys" BOOLEAN NOT NULL,
    "tokens_refused_from" TIMESTAMPTZ(3),
    "changed_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_by" TEXT,

    CONSTRAINT "workspace_settings_pkey" PRIMARY KEY ("workspace_id")
);

-- AddForeignKey
ALTER TABLE "workspace_settings" ADD CONSTRAINT "workspace_settings_workspace_id_fkey" FOREIGN KEY ("workspace_id") REFERENCES "workspaces"("workspace_id") ON DELETE RESTRICT ON UPDATE CASCADE;


-- Beside the key that a device has, one may wait until an admin confirms it; then it takes the place of the other.
DROP INDEX "device_keys_current";
CREATE UNIQUE INDEX "device_keys_current" ON "device_keys"("workspace_id", "device_id", ("confirmed_at" IS NULL))
  WHERE "ended_at" IS NULL;
