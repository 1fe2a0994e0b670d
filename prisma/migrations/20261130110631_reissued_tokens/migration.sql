-- AlterTable
ALTER TABLE "device_tokens" ADD COLUMN     "replaces_others" BOOLEAN NOT NULL DEFAULT false;
