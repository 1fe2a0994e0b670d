-- AlterTable
ALTER TABLE "weather_features" ADD COLUMN     "cell_lat" INTEGER,
ADD COLUMN     "cell_lon" INTEGER,
ADD COLUMN     "profile_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "workspace_settings" ADD COLUMN     "weather" TEXT NOT NULL DEFAULT 'live';

-- CreateTable
CREATE TABLE "weather_cells" (
    "lat" INTEGER NOT NULL,
    "lon" INTEGER NOT NULL,
    "provider" TEXT,
    "fetched_at" TIMESTAMPTZ(3),
    "reading" JSON,
    "temperatures" JSON,
    "lease" TEXT,
    "leased_until" TIMESTAMPTZ(3),
    "failed_at" TIMESTAMPTZ(3),
    "used_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "weather_cells_pkey" PRIMARY KEY ("lat","lon")
);

-- CreateIndex
CREATE INDEX "weather_cells_used_at_idx" ON "weather_cells"("used_at");

ALTER TABLE "workspace_settings" ADD CONSTRAINT "workspace_settings_weather_check"
  CHECK ("weather" IN ('live', 'demo', 'off'));

-- The newest live weather of a cell, for a note of a workspace.
CREATE INDEX "weather_features_cell_idx" ON "weather_features"("workspace_id", "cell_lat", "cell_lon", "profile_at")
  WHERE "cell_lat" IS NOT NULL;
