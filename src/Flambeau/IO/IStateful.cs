namespace Flambeau.IO;

/// <summary>What has a state that a checkpoint saves: optimizers, schedulers, data loaders.</summary>
public interface IStateful
{
    /// <summary>What must be remembered to go on from here.</summary>
    State StateDict();

    /// <summary>Checks that a state fits. The action answered takes it over and cannot fail; until then nothing is changed.</summary>
    /// <exception cref="ArgumentException">The state does not fit.</exception>
    Action PrepareLoad(State state);
}

/// <summary>What every stateful object can.</summary>
public static class StatefulExtensions
{
    extension(IStateful self)
    {
        /// <summary>Takes over a state that StateDict gave. If it does not fit, nothing is changed.</summary>
        /// <exception cref="ArgumentException">The state does not fit.</exception>
        public void LoadStateDict(State state) => self.PrepareLoad(state)();
    }
}
