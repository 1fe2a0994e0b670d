import { expect, it } from 'vitest'

import { cellOf, centerOf } from './weather-cell.ts'

it('[WTH-2] a place belongs to the cell whose middle is nearest, and no more than that leaves the server', () => {
  expect(cellOf({ lat: 38.5449, lon: -121.7405 })).toEqual({ lat: 385, lon: -1217 })
  expect(centerOf({ lat: 385, lon: -1217 })).toEqual({ lat: 38.5, lon: -121.7 })
  expect(cellOf({ lat: -0.01, lon: -0.04 })).toEqual({ lat: 0, lon: 0 })
  expect(cellOf({ lat: 10, lon: -180 })).toEqual(cellOf({ lat: 10, lon: 180 }))
  for (let lat = -90; lat <= 90; lat += 4.13) {
    for (let lon = -179.9; lon <= 179.9; lon += 9.37) {
      const center = centerOf(cellOf({ lat, lon }))
      expect(Math.abs(center.lat - lat)).toBeLessThanOrEqual(0.05 + 1e-9)
      expect(Math.abs(center.lon - lon)).toBeLessThanOrEqual(0.05 + 1e-9)
      expect(JSON.stringify(center)).toMatch(/^\{"lat":-?\d+(\.\d)?,"lon":-?\d+(\.\d)?\}$/)
      expect(cellOf(center)).toEqual(cellOf({ lat, lon }))
    }
  }
})
