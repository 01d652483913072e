namespace Flambeau.Nn;

public abstract partial class Module
{
    /// <summary>
    /// A tensor that belongs to a module's state but is not learned, such as a running mean. As a public property of a
    /// <see cref="Module"/> it is registered. PyTorch's <c>nn.Buffer</c> and <c>register_buffer</c>.
    /// </summary>
    /// <remarks>
    /// It lies within <see cref="Module"/> so that inside of a module, where buffers are declared, <c>Buffer</c> is this class, and everywhere
    /// else <c>System.Buffer</c>, without a using directive for either.
    /// </remarks>
    public class Buffer : Tensor
    {
        /// <summary>Shares the memory of <paramref name="data"/>.</summary>
        /// <param name="data">The first values.</param>
        /// <param name="persistent">Whether it is part of the state dict.</param>
        public Buffer(Tensor data, bool persistent = true) : base(data) => IsPersistent = persistent;

        /// <summary>Whether it is part of the state dict.</summary>
        public bool IsPersistent { get; }
    }
}
