global using TorchSharp;
global using T = TorchSharp.torch.Tensor;
global using TF = TorchSharp.torch.nn.functional;
