import classes from './TrainingStripe.module.css';

/** Unmistakable on every screen of a training bench. */
export function TrainingStripe() {
  return (
    <aside className={classes.stripe} aria-label="Training bench">
      <span className={classes.words}>Training bench: virtual units, no customer data</span>
    </aside>
  );
}
