import { fonts } from '@fieldsync/design'
import { createTheme, type MantineColorsTuple } from '@mantine/core'

// From the design's lightest patch of leaf green to the ink on it; 3 is its primary at night, 7 by day.
const leaf: MantineColorsTuple = [
  '#E2ECDD',
  '#CBEBC6',
  '#B7DFB2',
  '#A5D6A0',
  '#7DB97C',
  '#55935A',
  '#3B7443',
  '#2C5A33',
  '#1F4425',
  '#0E2411',
]

/** The design for the component library. */
export const consoleTheme = createTheme({
  colors: { leaf },
  primaryColor: 'leaf',
  primaryShade: { light: 7, dark: 3 },
  autoContrast: true,
  fontFamily: fonts.body,
  fontFamilyMonospace: fonts.mono,
  headings: { fontFamily: fonts.body, fontWeight: '700' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
})
