import type { App } from '@slack/bolt';
import { readBoard } from '../../../board/read-board.ts';
import { renderHome } from '../render/home.ts';
import { classify } from '../slack-errors.ts';
import { missingLine, warnings, type ListenerContext } from './listener-context.ts';

const method = 'views.publish';

/** App Home: the first board, as it is when somebody comes to look. */
export function registerHome(app: App, listener: ListenerContext): void {
  app.event('app_home_opened', ({ event, client }) =>
    listener.work.run('a visit to App Home', async () => {
      // The same event tells of the tab with the app's messages.
      if (event.tab !== 'home') return;
      const [spec] = listener.boards;
      const { board, unreadable } = await readBoard(listener, spec, { coverage: listener.coverage() });
      const { name, zone } = spec;
      const context = [...warnings(listener, zone), ...missingLine(unreadable)];
      const view = renderHome(board, { name, zone, table: listener.table, context });
      // Not `client.views.publish`: its types are older than some blocks.
      await client.apiCall(method, { user_id: event.user, view }).catch((error: unknown) => {
        throw classify(method, error);
      });
    }),
  );
}
