-- AlterTable
ALTER TABLE "devices" ADD COLUMN     "token_epoch" INTEGER NOT NULL DEFAULT 1;

-- CreateTable
CREATE TABLE "device_keys" (
    "workspace_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "thumbprint" TEXT NOT NULL,
    "public_jwk" JSON NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "confirmed_at" TIMESTAMPTZ(3),
    "first_used_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "device_keys_pkey" PRIMARY KEY ("workspace_id","device_id","thumbprint")
);

-- CreateTable
CREATE TABLE "enrollments" (
    "code_hash" BYTEA NOT NULL,
    "workspace_id" TEXT NOT NULL,
    "device_id" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "thumbprint" TEXT,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "enrollments_pkey" PRIMARY KEY ("code_hash")
);

-- CreateTable
CREATE TABLE "signing_keys" (
    "kid" TEXT NOT NULL,
    "public_jwk" JSON NOT NULL,
    "sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "active_from" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "signing_keys_pkey" PRIMARY KEY ("kid")
);

-- CreateIndex
CREATE INDEX "enrollments_workspace_id_device_id_idx" ON "enrollments"("workspace_id", "device_id");

-- AddForeignKey
ALTER TABLE "device_keys" ADD CONSTRAINT "device_keys_workspace_id_device_id_fkey" FOREIGN KEY ("workspace_id", "device_id") REFERENCES "devices"("workspace_id", "device_id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- A device has one key at a time: of two enrollments at once the second waits for the first, and ends its key.
CREATE UNIQUE INDEX "device_keys_current" ON "device_keys"("workspace_id", "device_id") WHERE "ended_at" IS NULL;
