import { useRef } from 'preact/hooks'
import { money } from '../i18n/format.ts'
import { defineText, useText } from '../i18n/language.ts'

const text = defineText({
  label: { en: 'Part, by dragging the cut', zh: '拖动分割线选择部分' },
  keep: { en: (amount: string) => `you keep ${amount}`, zh: (amount: string) => `保留 ${amount}` },
  give: { en: (amount: string) => `part ${amount}`, zh: (amount: string) => `拆出 ${amount}` }
})

/** What the two parts are called, where it is not the holder who cuts. */
export interface SpanWords {
  keep: (amount: string) => string
  give: (amount: string) => string
}

/** A tenth of a percent of the span for an arrow key, ten times as much for Page Up and Page Down. */
const STEPS = 1000n

interface SpanSliderProps {
  /** Minor units of the whole note. */
  total: bigint
  /** Minor units that are cut off the end. */
  part: bigint
  currency: number
  /** Told how the part changes, from whatever it is by then: keys repeat faster than pages are drawn. */
  onMove: (change: (part: bigint) => bigint) => void
  words?: SpanWords
}

/** The note's span as a bar with a cut in it: dragged with the pointer, or moved by arrow keys. The part is cut off the end. */
export function SpanSlider({ total, part, currency, onMove, words }: SpanSliderProps) {
  const t = useText(text)
  const { keep, give } = words ?? t
  const bar = useRef<HTMLDivElement>(null)
  const within = (value: bigint): bigint => (value < 1n ? 1n : value > total ? total : value)
  const drag = (event: PointerEvent): void => {
    const { left, width } = bar.current!.getBoundingClientRect()
    // From the right end, in ten-thousandths: the amount itself stays an integer.
    const share = BigInt(Math.round(Math.min(1, Math.max(0, 1 - (event.clientX - left) / width)) * 10_000))
    onMove(() => within((total * share) / 10_000n))
  }
  const step = total / STEPS || 1n
  const moves: Record<string, bigint> = {
    ArrowLeft: step,
    ArrowUp: step,
    ArrowRight: -step,
    ArrowDown: -step,
    PageUp: step * 10n,
    PageDown: -step * 10n,
    Home: total,
    End: -total
  }
  const percent = Number((part * 10_000n) / total) / 100
  const kept = total - part
  return (
    <div class="span-slider">
      <div
        ref={bar}
        class="bar"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          drag(event)
        }}
        onPointerMove={(event) => {
          if (event.currentTarget.hasPointerCapture(event.pointerId)) drag(event)
        }}
      >
        <div class="kept" style={{ width: `${100 - percent}%` }} />
        <div
          class="cut"
          role="slider"
          tabIndex={0}
          aria-label={t.label}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={percent}
          aria-valuetext={`${give(money(part, currency))}, ${keep(money(kept, currency))}`}
          style={{ left: `${100 - percent}%` }}
          onKeyDown={(event) => {
            const moved = moves[event.key]
            if (moved === undefined) return
            event.preventDefault()
            onMove((now) => within(now + moved))
          }}
        />
      </div>
      <p class="ends">
        <span>{keep(money(kept, currency))}</span>
        <strong>{give(money(part, currency))}</strong>
      </p>
    </div>
  )
}
