import type { ComponentChildren } from 'preact'

/** Names and values, as a description list. A value that is undefined is left out with its name. */
export function Facts({ of }: { of: readonly (readonly [name: string, value: ComponentChildren | undefined])[] }) {
  return (
    <dl class="facts">
      {of.map(
        ([name, value], index) =>
          value !== undefined && (
            <div key={index}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          )
      )}
    </dl>
  )
}
