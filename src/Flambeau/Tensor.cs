namespace Flambeau;
/// <summary>x</summary>
public partial class Tensor { }
