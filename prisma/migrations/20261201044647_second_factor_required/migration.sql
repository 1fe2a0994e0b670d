-- AlterTable
ALTER TABLE "person_sessions" ADD COLUMN     "by_provider" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "workspace_settings" ADD COLUMN     "second_factor" BOOLEAN NOT NULL DEFAULT false;
