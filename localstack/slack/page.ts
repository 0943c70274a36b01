import { fileURLToPath } from 'node:url';
import { extname } from 'node:path';
import express, { type RequestHandler, type Router } from 'express';

const directory = fileURLToPath(new URL('./page/', import.meta.url));
const served = new Set(['.html', '.css', '.js', '.svg', '.png', '.ico']);

/** The page at `/` and its files at `/page/`: only of the types that a page is made of. */
export function page(): Router {
  const router = express.Router();
  router.get('/', (_request, response, next) => {
    response.sendFile('index.html', { root: directory }, (error: unknown) => {
      if (error instanceof Error) next();
    });
  });
  router.use('/page', allowed, express.static(directory, { index: false, cacheControl: false }));
  // Where permalinks lead: to the page, which finds the message by what stands behind the #.
  router.get('/archives/:channel/:message', (request, response) => {
    const { channel, message } = request.params;
    response.redirect(`/#${encodeURIComponent(channel)}/${encodeURIComponent(message)}`);
  });
  return router;
}

const allowed: RequestHandler = (request, response, next) => {
  if (served.has(extname(request.path))) next();
  else response.status(404).json({ ok: false, error: 'not_found' });
};
