-- AlterTable
ALTER TABLE "device_tokens" ADD COLUMN     "pepper_id" BYTEA;
