export { connectContainerd, type Containerd } from '../containerd/connect.ts';
export { createImages, type Images } from '../images/images.ts';
