/**
 * Times as people write them on a command line.
 *
 * @module
 */
import { InvalidArgumentError } from 'commander'

const units: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }

/** Whole seconds of a time such as 90, 90s, 15m, 12h or 7d. */
export function toSeconds(text: string): number {
  const [, number = '', unit = ''] = /^(\d{1,9})([smhd]?)$/.exec(text.trim()) ?? []
  const seconds = Number(number) * (units[unit] ?? 0)
  if (seconds > 0) return seconds
  throw new InvalidArgumentError('Expected a time such as 90s, 15m, 12h or 7d.')
}

/** How long ago something was, in one unit. */
export function ago(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000))
  const [count, unit] =
    seconds < 120
      ? [seconds, 'second']
      : seconds < 7200
        ? [Math.round(seconds / 60), 'minute']
        : seconds < 172_800
          ? [Math.round(seconds / 3600), 'hour']
          : [Math.round(seconds / 86_400), 'day']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

/** A moment as people read it, in the time of where they are. */
export function moment(epochMilliseconds: number): string {
  const date = new Date(epochMilliseconds)
  const two = (value: number): string => String(value).padStart(2, '0')
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`
}
