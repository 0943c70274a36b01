import { RondaError } from '../errors.ts';
import type { Alert } from './alert.ts';
import type { Transition } from '../store/alerts/alert-rows.ts';

/** What a transport delivers: one transition of an alert. */
export type Notification = {
  /** As it stands now. */
  readonly alert: Alert;
  readonly transition: Transition;
  /** Of the transition, from 1: with the alert's key it names the transition for ever. */
  readonly number: number;
};

/**
 * `delivered`: the other side has it. `follow-up`: it has, and the transport wants to be asked again while the alert is
 * open. `again`: somebody else is at it, or it cannot be done yet.
 */
export type DeliveryOutcome = 'delivered' | 'follow-up' | 'again';

/** Delivers alerts to one place. It knows nothing of how they come about. */
export type Transport = {
  /** As routes and deliveries name it: `slack`, `slack:C0123ABCD`, `webhook:ops`. */
  readonly name: string;
  /**
   * Whether it shows an alert as it stands, so that delivering it twice, or several transitions at once, is delivering
   * it once. Every other is given each transition in order, by one replica at a time.
   */
  readonly reconciles: boolean;
  /** @throws DeliveryError when the other side did not take it: nothing is lost, it is delivered again */
  readonly deliver: (notification: Notification) => Promise<DeliveryOutcome>;
  /** Sends one alert that is marked as a test. @returns what came back, for people. @throws DeliveryError */
  readonly test: () => Promise<string>;
  /**
   * Of one that reconciles: does something under its own back-off, not at all while it is away; what fails by its fault
   * is logged. Without it that of the board's display holds.
   */
  readonly attempt?: (what: string, work: () => Promise<void>) => Promise<void>;
  /** Stands for where it delivers to: one that was turned off is on again when that is another. */
  readonly address?: string;
};

/** The other side did not take a delivery. */
export abstract class DeliveryError extends RondaError {
  /** How long it asks to wait, real ms. */
  readonly retryAfterMs: number | undefined = undefined;
  /** What a person has to do; undefined while it may pass by itself. */
  get advice(): string | undefined {
    return undefined;
  }
  /** Whether it never wants a delivery any more. */
  get isFinal(): boolean {
    return false;
  }
}
