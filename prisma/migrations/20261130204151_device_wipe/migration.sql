-- AlterTable
ALTER TABLE "devices" ADD COLUMN     "wipe_acknowledged_at" TIMESTAMPTZ(3),
ADD COLUMN     "wipe_requested_at" TIMESTAMPTZ(3),
ADD COLUMN     "wipe_unsent_deleted" INTEGER;
