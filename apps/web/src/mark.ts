/** The page's mark: the favicon, found beside the page wherever that is served. */
export const mark = './favicon.svg';
