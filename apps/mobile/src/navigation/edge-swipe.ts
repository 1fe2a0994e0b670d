/** What is needed of the state of React Native's PanResponder: points, and points per millisecond. */
type Swipe = {
  readonly moveX: number
  readonly dx: number
  readonly dy: number
  readonly vx: number
  readonly numberActiveTouches: number
}

/** How far from the left edge of the screen a swipe back begins at most, in points. */
const EDGE = 24
/** From here on a moving finger swipes and does not press. */
const MOVED = 8
/** How far a slow swipe has to lead, in points, and how fast a short one has to be, in points per millisecond. */
const FAR = 96
const FAST = 0.5

/** Whether a touch that has moved is the beginning of a swipe from the left edge to the right. */
export function beginsAtEdge({ moveX, dx, dy, numberActiveTouches }: Swipe): boolean {
  return numberActiveTouches === 1 && moveX - dx <= EDGE && dx >= MOVED && dx > 2 * Math.abs(dy)
}

/** Whether a swipe that has ended leads back: it came far enough, or was fast and not yet turned round. */
export const leadsBack = ({ dx, vx }: Swipe): boolean => dx >= FAR || (dx >= MOVED && vx >= FAST)
