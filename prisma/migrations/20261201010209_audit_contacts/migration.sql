-- AlterTable
ALTER TABLE "device_states" ADD COLUMN     "contact_day" DATE;
