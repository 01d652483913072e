namespace Flambeau;

/// <summary>
/// A matrix has no such factorization or solution: it is singular, not positive definite, or an iteration does not converge. PyTorch's
/// <c>torch.linalg.LinAlgError</c>.
/// </summary>
/// <param name="message">Which matrix of a batch, what about it, what to do.</param>
public sealed class LinAlgException(string message) : ArgumentException(message);
