namespace Flambeau.Nn;

/// <summary>What changes a module and answers it, with its type: <c>var net = new Linear(2, 3).To(DType.Float64).Eval();</c></summary>
public static class ModuleExtensions
{
    extension<TModule>(TModule module) where TModule : Module
    {
        /// <summary>Puts the module and all inside into training mode.</summary>
        /// <param name="mode">False for evaluation mode.</param>
        public TModule Train(bool mode = true)
        {
            module.SetTraining(mode);
            return module;
        }

        /// <summary>Puts the module and all inside into evaluation mode.</summary>
        public TModule Eval() => module.Train(false);

        /// <summary>Converts floating-point parameters and buffers; integer ones stay. The parameters remain the same objects.</summary>
        /// <exception cref="ArgumentException">The type is not floating point or complex.</exception>
        public TModule To(DType dtype)
        {
            module.Convert(dtype);
            return module;
        }

        /// <summary>Brings parameters, buffers and gradients to a device. The parameters remain the same objects.</summary>
        /// <exception cref="InvalidOperationException">The module lies on the meta device, where there are no numbers: use ToEmpty.</exception>
        public TModule To(Device device)
        {
            module.Move(device, empty: false);
            return module;
        }

        /// <summary>Gives parameters and buffers memory on a device, with whatever it held before. The parameters remain the same objects. PyTorch's <c>to_empty</c>.</summary>
        public TModule ToEmpty(Device device)
        {
            module.Move(device, empty: true);
            return module;
        }

        /// <summary>Sets whether the parameters require gradients. PyTorch's <c>requires_grad_</c>.</summary>
        public TModule SetRequiresGrad(bool requiresGrad = true)
        {
            foreach (Parameter p in module.Parameters()) p.RequiresGrad = requiresGrad;
            return module;
        }

        /// <summary>Calls a function with every module inside, children before parents, and with the module itself.</summary>
        public TModule Apply(Action<Module> fn)
        {
            foreach (Module m in module.Children()) m.Apply(fn);
            fn(module);
            return module;
        }
    }
}
