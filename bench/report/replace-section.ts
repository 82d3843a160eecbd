/** Puts a text between the markers of a section. @throws Error when a marker is missing or not alone */
export function replaceSection(page: string, section: string, text: string): string {
  const [before, rest, ...more] = page.split(`<!-- begin ${section} -->`);
  const [, after, ...others] = rest?.split(`<!-- end ${section} -->`) ?? [];
  if (after === undefined || more.length + others.length > 0) {
    throw new Error(`the page needs <!-- begin ${section} --> and <!-- end ${section} -->, once each`);
  }
  return `${before}<!-- begin ${section} -->\n\n${text}\n\n<!-- end ${section} -->${after}`;
}
