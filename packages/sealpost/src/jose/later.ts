/**
 * Answers at once or later. On Node the primitives answer at once: a promise for each of them would cost as much as the smaller ones do.
 *
 * @module
 */

/** An answer at once or later. `await` takes both. */
export type Later<T> = T | Promise<T>

/** Tells whether an answer comes later. Not by `instanceof`, since promises of other realms and libraries are none of ours. */
export function isPromise<T>(answer: Later<T>): answer is Promise<T> {
  return typeof answer === 'object' && answer !== null && typeof (answer as { then?: unknown }).then === 'function'
}

/** Goes on with an answer: at once where it is there, else when it comes. */
export function andThen<A, B>(answer: Later<A>, next: (answer: A) => Later<B>): Later<B> {
  return isPromise(answer) ? Promise.resolve(answer).then(next) : next(answer)
}
