import type { Colors, ThemeName } from './colors.ts'

/** A vineyard by day: paper, leaf green, wine. Dark on light, for reading in the sun. */
const light: Colors = {
  ground: '#F7F4EC',
  surface: '#FFFFFF',
  well: '#F1EEE4',
  ink: '#1B2117',
  inkSoft: '#42493C',
  line: '#DDD8C9',
  edge: '#767C6C',
  primary: '#2C5A33',
  primaryPressed: '#1F4425',
  onPrimary: '#FFFFFF',
  primarySoft: '#E2ECDD',
  onPrimarySoft: '#1F4425',
  danger: '#8C1D2F',
  onDanger: '#FFFFFF',
  header: '#23472A',
  onHeader: '#FFFFFF',
  focus: '#0B57A4',
  changed: '#FBE7A6',
  onChanged: '#2B2100',
  tones: {
    calm: { ink: '#3D4437', fill: '#ECE9DE', edge: '#777C6D' },
    waiting: { ink: '#5F3D00', fill: '#FBEBC8', edge: '#95691B' },
    moving: { ink: '#12426F', fill: '#DCEAF7', edge: '#3F76AB' },
    settled: { ink: '#1F4A26', fill: '#DDEFD9', edge: '#4A8553' },
    clash: { ink: '#771530', fill: '#FADFE4', edge: '#B2465F' },
    broken: { ink: '#4E2578', fill: '#EDE2F7', edge: '#875BB5' },
  },
}

/** The same vineyard at night. */
const dark: Colors = {
  ground: '#12160F',
  surface: '#1C2118',
  well: '#262C21',
  ink: '#F3F2E9',
  inkSoft: '#C8CBBD',
  line: '#394032',
  edge: '#8B927F',
  primary: '#A5D6A0',
  primaryPressed: '#C3E8BE',
  onPrimary: '#0E2411',
  primarySoft: '#2A3D2B',
  onPrimarySoft: '#CBEBC6',
  danger: '#FFB3BC',
  onDanger: '#3F0711',
  header: '#1B2A1D',
  onHeader: '#F3F2E9',
  focus: '#9CCBFF',
  changed: '#5A4707',
  onChanged: '#FFF0BF',
  tones: {
    calm: { ink: '#D3D6C8', fill: '#2B3126', edge: '#8B927F' },
    waiting: { ink: '#FFD88A', fill: '#3C2F10', edge: '#A8842F' },
    moving: { ink: '#B0D6FF', fill: '#1B3048', edge: '#5D8FC2' },
    settled: { ink: '#B4E3AE', fill: '#1D3720', edge: '#5C9A62' },
    clash: { ink: '#FFC1CC', fill: '#4A1825', edge: '#C7667D' },
    broken: { ink: '#DEC5FB', fill: '#362450', edge: '#9873C6' },
  },
}

export const themes: Readonly<Record<ThemeName, Colors>> = { light, dark }
