/** The notice for people: a page in Chinese and one in English, with the font embedded. */
import fontkit from '@pdf-lib/fontkit'
import { PDFDocument, rgb, type PDFFont, type PDFPage } from 'pdf-lib'
import { checkNotice, type AssignmentNotice } from './notice.ts'
import { sfntOf } from './sfnt.ts'
import { chinesePage, englishPage, type NoticePage } from './words.ts'

const [WIDTH, HEIGHT, MARGIN] = [595, 842, 56]
const LABEL_WIDTH = 160
const INK = rgb(0.1, 0.1, 0.1)

/**
 * The same notice gives the same bytes. A character that the font has no glyph for, a control or a bidi character becomes □, so
 * that a name cannot change what a reader sees around it. Throws `NoticeRefused`.
 * @param font TrueType or WOFF with Chinese and Latin, such as `font/noto-sans-sc-400.woff`.
 */
export async function notificationPdf(notice: AssignmentNotice, font: Uint8Array): Promise<Uint8Array> {
  checkNotice(notice)
  const pdf = await PDFDocument.create()
  pdf.registerFontkit(fontkit)
  const embedded = await pdf.embedFont(sfntOf(font), { subset: true, customName: 'NotoSansSC-Subset' })
  const day = new Date(`${notice.issuedOn}T00:00:00Z`)
  pdf.setTitle('应收账款债权转让通知书 / Notice of assignment')
  pdf.setLanguage('zh-CN')
  pdf.setCreationDate(day)
  pdf.setModificationDate(day)
  for (const content of [chinesePage(notice), englishPage(notice)]) {
    new PageWriter(pdf.addPage([WIDTH, HEIGHT]), embedded).write(content)
  }
  return pdf.save({ addDefaultPage: false })
}

class PageWriter {
  readonly #page: PDFPage
  readonly #font: PDFFont
  readonly #letters: ReadonlySet<number>
  #y = HEIGHT - MARGIN

  constructor(page: PDFPage, font: PDFFont) {
    this.#page = page
    this.#font = font
    this.#letters = new Set(font.getCharacterSet())
  }

  write({ title, greeting, paragraphs, rows, closing }: NoticePage): void {
    this.#text(title, 18, MARGIN, WIDTH - 2 * MARGIN, 30)
    this.#text(greeting, 11, MARGIN, WIDTH - 2 * MARGIN, 10)
    for (const paragraph of paragraphs) this.#text(paragraph, 10.5, MARGIN, WIDTH - 2 * MARGIN, 8)
    this.#y -= 8
    for (const [label, value] of rows) {
      const top = this.#y
      this.#text(label, 9, MARGIN, LABEL_WIDTH - 8, 0)
      const below = this.#y
      this.#y = top
      this.#text(value, 9.5, MARGIN + LABEL_WIDTH, WIDTH - 2 * MARGIN - LABEL_WIDTH, 0)
      this.#y = Math.min(below, this.#y) - 5
    }
    this.#y -= 12
    for (const line of closing) this.#text(line, 9, MARGIN, WIDTH - 2 * MARGIN, 4)
  }

  /** Lines from the current height down, and the space after them. */
  #text(text: string, size: number, x: number, width: number, after: number): void {
    for (const line of this.#linesOf(this.#shown(text), size, width)) {
      this.#y -= size * 1.35
      this.#page.drawText(line, { x, y: this.#y, size, font: this.#font, color: INK })
    }
    this.#y -= after
  }

  #shown(text: string): string {
    return Array.from(text, (letter) =>
      this.#letters.has(letter.codePointAt(0)!) && !/[\p{Cc}\p{Cf}]/u.test(letter) ? letter : '□'
    ).join('')
  }

  /** Breaks at blanks where there are some, else between any two characters: Chinese and hashes have none. */
  #linesOf(text: string, size: number, width: number): string[] {
    const lines: string[] = []
    let line = ''
    const fits = (candidate: string): boolean => this.#font.widthOfTextAtSize(candidate, size) <= width
    for (const word of text.split(/(?<= )|(?=[\p{Script=Han}（【《])/u)) {
      if (fits(line + word.trimEnd())) {
        line += word
        continue
      }
      if (line !== '') lines.push(line.trimEnd())
      line = ''
      for (const letter of word) {
        if (!fits(line + letter)) {
          lines.push(line)
          line = ''
        }
        line += letter
      }
    }
    return [...lines, line.trimEnd()]
  }
}
